/** A column of a table. */
export interface Column {
  key: string
  label: string
  /** How wide at most; without it the column shares what is left. */
  width?: 'xs' | 's' | 'm' | 'l'
  /** Numbers stand at the end. */
  end?: boolean
}
