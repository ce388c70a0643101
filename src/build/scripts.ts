/** What a plugin reads inline scripts of pages with. Every name, no code. */
export { scriptContent } from '../rewrite/html-script.ts'
