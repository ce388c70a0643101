/** The version of this package, as `--version`, state and events say it. A test holds it equal to package.json's. */
export const VERSION = '0.1.0'
