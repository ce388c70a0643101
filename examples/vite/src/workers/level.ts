/** Two tides a day, the second a little lower than the first. Metres above the chart's zero. */
export function level(hour: number): number {
  const moon = Math.cos(((hour - 3) / 12.42) * 2 * Math.PI)
  const sun = Math.cos((hour / 24) * 2 * Math.PI)
  return 2.5 + 1.8 * moon + 0.4 * sun
}
