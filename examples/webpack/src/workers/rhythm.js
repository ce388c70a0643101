/** Two flashes three seconds apart, every twelve seconds. */
export function seconds(until) {
  const found = []
  for (let start = 0; start < until; start += 12) found.push(start, start + 3)
  return found
}
