import { printable } from './errors.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of strangers for the content and the attributes of a page; what is not seen is shown as an escape. */
export const htmlText = (text: string): string => printable(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
