import { takeFragment } from './sources'

/**
 * The token that the pages were opened with, if the address had one. It is taken when this module is loaded, which has to be
 * before the router is: the router keeps the address that it finds and writes it into the history again.
 */
export const fromAddress = takeFragment()
