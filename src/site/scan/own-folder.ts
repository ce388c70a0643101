/** Our own folder inside a root. */
export const OWN_FOLDER: string = '.lading'
