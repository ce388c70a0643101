const ROWS = 5
/** Of the scale, at least: charts below each other stand alike. */
const SCALE_WIDTH = 11

/**
 * A curve in plain characters, as wide as it has values and a margin for its scale: `#` up to the value, `.` for one
 * above zero that is too small for a row of its own.
 *
 * @param label of a value at the scale
 * @param ends of the axis below, left and right
 */
export function chart(
  values: readonly number[],
  { label, ends }: { readonly label: (value: number) => string; readonly ends: readonly [string, string] },
): string {
  const top = Math.max(...values, 0)
  const margin = Math.max(SCALE_WIDTH, label(top).length, label(0).length)
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const row = ROWS - at
    const scale = row === ROWS ? label(top) : ''
    const marks = values.map((value) => markOf(top === 0 ? 0 : (value / top) * ROWS, row))
    return `  ${scale.padStart(margin)} |${marks.join('')}`.trimEnd()
  })
  const width = values.length
  const axis = `  ${label(0).padStart(margin)} +${'-'.repeat(width)}`
  const below =
    `  ${' '.repeat(margin + 1)} ${ends[0]}${ends[1].padStart(Math.max(0, width - ends[0].length))}`.trimEnd()
  return `${[...rows, axis, below].join('\n')}\n`
}

/** @param height of the value, in rows @param row from 1, the lowest */
function markOf(height: number, row: number): string {
  // Half a row is rounded up, so that the top is reached by what is nearly there.
  if (height >= row - 0.5) return '#'
  return row === 1 && height > 0 ? '.' : ' '
}
