import {
  formatBytes,
  formatDuration,
  type ImageEvent,
  type ImagesResult,
  type ProgressEvent,
  plural,
  printable,
} from '../../index.ts'

/** A line of progress this often, in milliseconds. */
const PROGRESS_MS = 10_000

/** Now and then a line for how many images were seen to: `1200/50000 images`. */
export function imagesProgress(write: (text: string) => void): (event: ProgressEvent) => void {
  let lastMs = performance.now()
  return ({ files: { done, total } }) => {
    if (performance.now() - lastMs <= PROGRESS_MS) return
    lastMs = performance.now()
    write(`  ${done}/${total} images\n`)
  }
}

/** `+ img/a.jpg  6 variants`, or `! img/b.jpg  E_IMAGE_CORRUPT  it is damaged`. */
export function imageLine({ path, result, variants, code, message = '' }: ImageEvent): string {
  if (result === 'failed') return `  ! ${printable(path)}  ${code}  ${printable(message)}`
  return `  ${result === 'rendered' ? '+' : '='} ${printable(path)}  ${plural(variants, 'variant')}`
}

/** Why variants were dropped, in words. */
const REASONS: Readonly<Record<keyof ImagesResult['dropped'], string>> = {
  'larger-than-source': 'wider than the original',
  'larger-than-original': 'larger than the original',
  'larger-than-fallback': 'larger than the fallback',
  'saves-little': 'hardly smaller than the next width',
  'too-slow': 'too slow to encode, made at a lower effort',
  'too-many-frames': 'animations with too many frames',
  'too-long-for-format': 'longer than their format can be',
  animated: 'animations that stay as they are',
}

/** @param manifest the file that it was written to */
export function imagesText(result: ImagesResult, manifest?: string): string {
  const { images, rendered, variants, put, putBytes, visit, failures, left, ms } = result
  const lines = [
    `${result.ok ? 'ok' : 'incomplete'}: ${plural(images, 'image')}, ${rendered} rendered; ${plural(variants, 'variant')}, ${put} new (${formatBytes(putBytes)}) in ${formatDuration(ms)}`,
    `  who sees each image once loads ${formatBytes(visit.after)} instead of ${formatBytes(visit.before)}`,
    ...droppedLines(result),
  ]
  if (left.length > 0) lines.push(`  ${plural(left.length, 'image')} left unchanged: SVG, TIFF, icons`)
  if (failures.length > 0) lines.push(`  ${plural(failures.length, 'image')} failed; the others are done`)
  if (manifest !== undefined) lines.push(`  wrote ${printable(manifest)}, which sync --pictures reads`)
  return `${lines.join('\n')}\n`
}

function droppedLines({ dropped }: ImagesResult): readonly string[] {
  const counts = Object.entries(REASONS).flatMap(([reason, words]) => {
    // its keys are those of the table
    const count = dropped[reason as keyof ImagesResult['dropped']]
    return count === undefined ? [] : [`${count} ${words}`]
  })
  return counts.length === 0 ? [] : [`  not made: ${counts.join(', ')}`]
}
