// Sends reports, each another one, and prints what came back as JSON: `node load.js '{"url": …}'`.
// Without `rate` autocannon keeps every connection busy; with it, reports are due at even distances, and a time counts
// from the instant at which the report was due: a server that falls behind is not spared. A report that finds every
// connection busy waits for one, and its waiting counts as the server's.
'use strict'
const autocannon = require('autocannon')
const net = require('net')

const { url, connections, amount, rate, run } = JSON.parse(process.argv[2])
const WARM_UP = 1000 // ms that count for nothing: the load tool itself is slow at first, connecting and compiling
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

// One kept-alive connection, one request at a time, without all that node:http makes for each of them.
class Line {
  constructor (host, port) {
    this.socket = net.connect({ host, port, noDelay: true })
    this.socket.on('data', data => this.read(data))
    this.socket.on('error', () => this.over(0))
    this.socket.on('close', () => this.over(0))
    this.head = `Host: ${host}:${port}\r\n`
    this.said = Buffer.alloc(0)
  }

  ask ({ method, path, headers, body }, answered) {
    this.answered = answered
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${this.head}${lines.join('')}\r\n`), body]))
  }

  read (data) {
    this.said = this.said.length ? Buffer.concat([this.said, data]) : data
    const end = this.said.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.said.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)[1])
    if (this.said.length < end + 4 + length) return
    this.said = Buffer.alloc(0)
    this.over(Number(head.slice(9, 12)))
  }

  over (status) {
    const answered = this.answered
    this.answered = null
    if (answered) answered(status)
  }
}

function evenly () {
  const target = new URL(url)
  const fresh = () => new Line(target.hostname, target.port)
  const free = Array.from({ length: connections }, fresh)
  const due = []
  const began = performance.now()
  const times = []
  let begun = 0
  let taken = 0
  let other = 0

  function send () {
    while (due.length && free.length) {
      const found = free.pop()
      const line = found.socket.destroyed ? fresh() : found
      const at = due.shift()
      line.ask(report(), status => {
        if (at >= began + WARM_UP) times.push(performance.now() - at)
        status === 202 ? taken++ : other++
        free.push(line)
        if (taken + other === amount) over()
        send()
      })
    }
  }

  function over () {
    free.forEach(line => line.socket.destroy())
    said(taken, other, (performance.now() - began) / 1000, share(times, 0.5), share(times, 0.99))
  }

  const timer = setInterval(() => {
    const now = performance.now()
    for (; begun < amount && began + begun * 1000 / rate <= now; begun++) due.push(began + begun * 1000 / rate)
    send()
    if (begun === amount) clearInterval(timer)
  }, 1)
}

rate ? evenly() : asFastAsItGoes()
