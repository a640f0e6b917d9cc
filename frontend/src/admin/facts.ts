/** A fact about something, for a list of them. */
export interface Fact {
  key: string
  label: string
  value?: string | null
  mono?: boolean
  /** Can be copied. */
  copy?: boolean
  /** Needs the whole width. */
  wide?: boolean
}
