// The compiler is happy and the types look right. So why is the average NaN?

interface Reading {
  sensor: string
  celsius: number
}

const readings: Reading[] = JSON.parse(`[
  { "sensor": "roof", "celsius": 21.5 },
  { "sensor": "cellar", "celsius": 12 },
  { "sensor": "garden", "celcius": 18.2 }
]`)

const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

for (const reading of readings) console.log(`${reading.sensor.padEnd(8)} ${reading.celsius} °C`)

const mean = average(readings.map((reading) => reading.celsius))
console.log(`average  ${mean} °C`)

if (Number.isNaN(mean)) throw new Error('The average temperature cannot be NaN')
