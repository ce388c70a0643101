import type { Source, Step } from './work.ts'

/** Upright, by the orientation in the metadata, which is then gone. */
export const orient: Step<Source> = (image) => image.autoOrient()
