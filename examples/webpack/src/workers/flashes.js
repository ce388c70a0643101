import { seconds } from './rhythm.js'

self.addEventListener('message', ({ data }) => self.postMessage(seconds(data.minutes * 60)))
