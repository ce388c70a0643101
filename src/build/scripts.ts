/** The parser that plugins need for inline scripts of pages. Re-exports only. */
export { scriptContent } from '../rewrite/html/script.ts'
