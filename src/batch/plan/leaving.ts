/** Time for running jobs to finish after an interruption notice, in seconds. */
export const NOTICE_GRACE_SECONDS = 20

/** How long before its age an instance leaves its group and begins to drain, in minutes. */
export const LEAVE_EARLY_MINUTES = 5

/** How long a worker may take to drain when its instance shuts down, in seconds. */
export const SHUTDOWN_SECONDS = 110

/** Shortest lifetime of an instance, in minutes: it has to start, to work and to leave. */
export const LEAST_LIFETIME_MINUTES = 10

/** Age of a message, in seconds, from which on whatever grows the fleet must have failed: the alarms add an instance. */
export const LONGEST_WAIT_SECONDS = 1800

/** What the alarms give an instance to change something before they add another, in seconds. */
export const WARMUP_SECONDS = 300
