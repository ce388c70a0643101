import type { Source, Step } from './work.ts'

/** To the largest width that is made; a JPEG is decoded no larger than that needs. */
export const shrink: Step<Source> = (image, { base: { width, height } }) => image.resize({ width, height, fit: 'fill' })
