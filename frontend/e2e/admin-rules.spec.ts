import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './support/axe'
import { Hub } from './support/hub'
import { expect, test } from './support/test'

const row = (page: Page, text: string): Locator => page.getByRole('table', { name: 'Rules' }).getByRole('row').filter({ hasText: text })

/** Chooses a person in the test box by keyboard. */
async function pick(page: Page, field: 'Writes' | 'Reads', name: string): Promise<void> {
  const box = page.getByRole('region', { name: 'Who may write to whom?' })
  const input = box.getByRole('combobox', { name: field })
  await input.fill(name)
  await expect(box.getByRole('option', { name })).toHaveCount(1)
  await input.press('Enter')
  await expect(box.getByRole('group', { name: field })).toContainText(name)
}

test('a rule is made, switched, changed and deleted by a super admin (contract R38)', async ({ hub, open }) => {
  const root = await hub.person('Root', 'super_admin')
  // Rules are one set for all tenants: this one lets nobody do anything that they may not do anyway.
  const name = `Probe ${String(hub.tenant)}`
  const page = await open(root, '/admin/rules')
  await expect(row(page, 'Team-internal')).toContainText('Own tenant')
  await page.getByRole('button', { name: 'New rule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toContainText('The rule needs a name.')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Priority').fill('viel')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toContainText('A whole number')
  await dialog.getByLabel('Priority').fill('-7')
  for (const side of ['Who writes', 'To whom']) {
    const part = dialog.getByRole('group', { name: side })
    await part.getByRole('combobox').selectOption('Somebody of the support team')
    await part.getByLabel('Platform admin').check()
  }
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toHaveCount(0)
  const made = row(page, name)
  await expect(made).toContainText('-7')
  await expect(made).toContainText(/Support team\s*Platform admin/)

  const active = made.getByRole('switch')
  await expect(active).toBeChecked()
  await active.press('Space')
  await expect(active).not.toBeChecked()
  // It cannot be switched again until the service has it.
  await expect(active).toBeEnabled()
  await page.reload()
  await expect(active).not.toBeChecked()

  await made.getByRole('button', { name: /^Change: / }).click()
  const edit = page.getByRole('dialog', { name: /^Change / })
  await edit.getByLabel('Only after a contact request was accepted').check()
  await edit.getByRole('button', { name: 'Save' }).click()
  await expect(made).toContainText('after a contact request')

  await made.getByRole('button', { name: /^Delete: / }).click()
  await page.getByRole('dialog', { name: /^Delete / }).getByRole('button', { name: 'Delete' }).click()
  await expect(made).toHaveCount(0)
  await page.goto('/admin/audit?action=rule.delete')
  await expect(page.getByRole('table').getByRole('row').filter({ hasText: 'Deleted a rule' }).first()).toBeVisible()
})

test('a rule that cannot be followed is refused in words and leaves nothing behind', async ({ hub, open }) => {
  const root = await hub.person('Root', 'super_admin')
  await expect(hub.call(root, 'POST', '/admin/rules', { name: 'x', source_scope: 'galaxy', target_scope: 'tenant' })).rejects.toThrow(/source_scope/)
  const page = await open(root, '/admin/rules')
  await expect(row(page, 'Team-internal')).toBeVisible()
  await expect(row(page, 'galaxy')).toHaveCount(0)
})

test('who may write to whom is asked, answered in words, and explained', async ({ hub, open }) => {
  const other = new Hub()
  const root = await hub.person('Root', 'super_admin')
  const [anna, ben] = [await hub.person(`Anna${String(hub.tenant)}`), await hub.person(`Ben${String(hub.tenant)}`)]
  const far = await other.person(`Fern${String(other.tenant)}`)
  const page = await open(root, '/admin/rules')
  await pick(page, 'Writes', anna.name)
  await pick(page, 'Reads', ben.name)
  const box = page.getByRole('region', { name: 'Who may write to whom?' })
  await expect(box).toContainText('Allowed')
  await expect(box).toContainText(/may write to .*Ben/)
  await expect(row(page, 'Team-internal')).toHaveClass(/chosen/)
  await box.getByText('How this came about').click()
  await expect(box.getByRole('listitem').filter({ hasText: 'Team-internal' })).toContainText('decides')

  await box.getByRole('button', { name: /^Choose somebody else than Ben/ }).click()
  await pick(page, 'Reads', far.name)
  await expect(box).toContainText('Denied')
  await expect(box.getByRole('listitem').filter({ hasText: 'Team-internal' })).toContainText('they have no tenant in common')
  await expectAccessible(page)
})

test('a tenant’s admin reads the rules and tries them, and changes none', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const page = await open(max, '/admin/rules', { language: 'de-DE', theme: 'dark' })
  await expect(page.getByRole('heading', { level: 1, name: 'Regeln' })).toBeVisible()
  const rules = page.getByRole('table', { name: 'Regeln' })
  await expect(rules.getByRole('row').filter({ hasText: 'Team-internal' })).toContainText('Eigener Mandant')
  await expect(page.getByRole('button', { name: 'Neue Regel' })).toHaveCount(0)
  await expect(rules.getByRole('switch')).toHaveCount(0)
  await expect(rules.getByRole('button')).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Ankündigungen' })).toHaveCount(0)
  await expectAccessible(page)
})
