const ROWS = 5

/**
 * A curve in plain characters, as wide as it has values and a margin for its scale: `#` up to the value, `.` for one
 * above zero that is too small for a row of its own.
 *
 * @param label of a value at the scale, up to 8 characters
 * @param ends of the axis below, left and right
 */
export function chart(
  values: readonly number[],
  { label, ends }: { readonly label: (value: number) => string; readonly ends: readonly [string, string] },
): string {
  const top = Math.max(...values, 0)
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const row = ROWS - at
    const scale = row === ROWS ? label(top) : ''
    const marks = values.map((value) => markOf(top === 0 ? 0 : (value / top) * ROWS, row))
    return `  ${scale.padStart(8)} |${marks.join('')}`.trimEnd()
  })
  const width = values.length
  const axis = `  ${label(0).padStart(8)} +${'-'.repeat(width)}`
  const below = `  ${' '.repeat(9)} ${ends[0]}${ends[1].padStart(Math.max(0, width - ends[0].length))}`.trimEnd()
  return `${[...rows, axis, below].join('\n')}\n`
}

/** @param height of the value, in rows @param row from 1, the lowest */
function markOf(height: number, row: number): string {
  // Half a row is rounded up, so that the top is reached by what is nearly there.
  if (height >= row - 0.5) return '#'
  return row === 1 && height > 0 ? '.' : ' '
}
