import type { FileFacts, SiteFile } from './file.ts'
import { readText } from './text/text.ts'

/** A cue that is the address of a picture, as players' previews have it: `sprite.png#xywh=0,0,160,90`. */
const PICTURE =
  /^[ \t]*(?![ \t]|https?:|\/\/|data:)(?:[^\r\n]+#xywh=|\S+\.(?:png|jpe?g|gif|webp|avif)(?:[?#]\S*)?\s*$)/im

/** Why a track of captions or previews stays at its own path; `undefined` when it names nothing beside itself. */
export function whyTrackStays(file: SiteFile, facts: FileFacts): string | undefined {
  const source = readText(file, facts)
  if (source === undefined) return 'its text cannot be read (UTF-16 or compressed)'
  return PICTURE.test(source.text) ? 'its cues name pictures, relative to itself' : undefined
}
