self.addEventListener('message', ({ data }) => self.postMessage(data.yarns * data.turns))
