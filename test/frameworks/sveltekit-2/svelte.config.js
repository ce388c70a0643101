import adapter from '@sveltejs/adapter-static'

// The address that the framework puts before its assets is what a test sets.
const assets = process.env.FIXTURE_PREFIX ?? ''

export default {
  kit: { adapter: adapter(), paths: { assets }, version: { name: 'fixture' } },
}
