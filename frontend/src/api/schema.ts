/** The types of the API: those that developers of other applications use, too. */
export type * from '../../../docs/types'
