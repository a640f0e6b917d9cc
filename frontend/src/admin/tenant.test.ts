import { expect, it } from 'vitest'
import { tenantFrom } from './tenant'

it('a tenant is an integer, or a text where it is none (contract R18)', () => {
  expect(['1', ' 42 ', 'acme', '007', '', '99999999999999999999', '-1'].map(tenantFrom)).toEqual([
    1,
    42,
    'acme',
    '007',
    null,
    '99999999999999999999',
    '-1',
  ])
})
