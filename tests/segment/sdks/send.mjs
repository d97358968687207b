// An application on a server, with the real SDK: {settings, calls} on standard input, answers' statuses on output.
import { readFileSync } from 'node:fs'
import { Analytics } from '@segment/analytics-node'

const { settings, calls } = JSON.parse(readFileSync(0, 'utf8'))
const analytics = new Analytics(settings)
analytics.on('http_response', ({ status }) => console.log(status))
analytics.on('error', () => {})
for (const { type, ...call } of calls) analytics[type](call)
await analytics.closeAndFlush()
