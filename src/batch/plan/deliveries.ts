/** Deliveries before a job becomes a dead letter; those that interrupted spot instances hand back count too. */
export const MAX_RECEIVES = 8

/**
 * Deliveries from which on a worker keeps a job while its store takes nothing at all: until then another worker may be
 * luckier, but each hand-back is a step towards the dead letters, however innocent the image.
 */
export const KEPT_RECEIVES = 4
