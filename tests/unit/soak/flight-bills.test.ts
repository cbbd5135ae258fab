import { describe, expect, test } from '@jest/globals';
import { addFlights, milesCents, type AirportMonth } from '../../../soak/flight-bills.ts';

const flight = (origin: string, departure: string, distance: number) => ({
  ...{ origin, destination: 'LAX', delay: 0, number: 1, distance },
  departedAt: Date.parse(departure) / 1000,
});

describe('what the miles of a month cost', () => {
  test.each([
    [0, 250],
    [1, 253],
    [10_000, 25_250],
    [10_001, 25_747],
    [1_000_000, 25_250 + 495 + 1_831_500],
    [1_000_001, 25_250 + 495 + 1_831_500 + 9996],
  ])('%d miles: %d cents', (miles, cents) => expect(milesCents(miles)).toBe(cents));
});

test('flights count for the airport they left, in the month of their departure', () => {
  const months = new Map<string, AirportMonth>();
  addFlights(months, [
    flight('ATL', '2001-01-31T23:59:00Z', 100),
    flight('ATL', '2001-02-01T00:00:00Z', 20),
    flight('ATL', '2001-02-03T10:00:00Z', 3),
    flight('JFK', '2001-12-31T10:00:00Z', 5),
  ]);
  expect([...months.values()]).toEqual([
    { airportCode: 'ATL', billedOn: '2001-02-01', flights: 1, miles: 100 },
    { airportCode: 'ATL', billedOn: '2001-03-01', flights: 2, miles: 23 },
    { airportCode: 'JFK', billedOn: '2002-01-01', flights: 1, miles: 5 },
  ]);
});
