// Sends reports, each another one, and prints what came back as JSON: `node load.js '{"url": …}'`.
// Without `rate` autocannon keeps every connection busy; with it, reports are due at even distances, and a time counts
// from the instant at which the report was due: a server that falls behind is not spared.
'use strict'
const autocannon = require('autocannon')
const http = require('http')

const { url, connections, amount, rate, run } = JSON.parse(process.argv[2])
let sent = 0

function report () {
  sent += 1
  const body = Buffer.from(JSON.stringify({
    community: 'wulibao',
    category: 'WAT.sewer_blocked',
    description: `下水道堵了，没法用水，已经第 ${sent % 100} 天，请尽快来人看看。`,
    place: { building: 'courtyard-51-b1', text: '二单元门口' },
    answers: { inside_flat: false },
    reporter: { name: '王小明', phone: `13${String(run * 10000000 + sent).padStart(9, '0')}` }
  }))
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    'Idempotency-Key': `${run}-${sent}`,
    'Accept-Language': 'zh-CN'
  }
  return { method: 'POST', path: '/api/reports', headers, body }
}

function said (taken, other, seconds, p50, p99) {
  console.log(JSON.stringify({ taken, other, per_second: taken / seconds, p50, p99 }))
}

async function asFastAsItGoes () {
  const times = []
  let taken = 0
  const began = performance.now()
  let ended = began // autocannon itself looks once a second whether it is over
  const load = autocannon({
    url, connections, amount, requests: [{ setupRequest: () => report() }]
  })
  load.on('response', (_client, status, _bytes, ms) => {
    times.push(ms)
    ended = performance.now()
    if (status === 202) taken += 1
  })
  const result = await load
  said(taken, amount - taken + result.errors, (ended - began) / 1000, share(times, 0.5), share(times, 0.99))
}

function share (times, part) {
  times.sort((a, b) => a - b)
  return times[Math.min(times.length - 1, Math.floor(times.length * part))]
}

function evenly () {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const target = new URL(url)
  const began = performance.now()
  const times = []
  let begun = 0
  let taken = 0
  let other = 0

  function answered (due, fine) {
    times.push(performance.now() - due)
    fine ? taken++ : other++
    if (taken + other < amount) return
    agent.destroy()
    said(taken, other, (performance.now() - began) / 1000, share(times, 0.5), share(times, 0.99))
  }

  function send (due) {
    const { body, ...options } = report()
    const request = http.request({ ...options, agent, host: target.hostname, port: target.port }, response => {
      response.resume()
      response.on('end', () => answered(due, response.statusCode === 202))
    })
    request.on('error', () => answered(due, false))
    request.end(body)
  }

  const timer = setInterval(() => {
    const now = performance.now()
    for (; begun < amount && began + begun * 1000 / rate <= now; begun++) send(began + begun * 1000 / rate)
    if (begun === amount) clearInterval(timer)
  }, 1)
}

rate ? evenly() : asFastAsItGoes()
