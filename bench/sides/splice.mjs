/** Makes `{ start, end, replacement }` edits, which do not overlap: `{ text, edits }`. */
export function splice(text, edits) {
  edits.sort((a, b) => a.start - b.start)
  let result = ''
  let at = 0
  for (const { start, end, replacement } of edits) {
    result += text.slice(at, start) + replacement
    at = end
  }
  return { text: result + text.slice(at), edits: edits.length }
}
