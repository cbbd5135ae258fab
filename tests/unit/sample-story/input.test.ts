import { describe, expect, test } from '@jest/globals';
import { csvFields, readAirports } from '../../../scripts/sample-story/airports.ts';
import { batchesOf, EVENTS_PER_FLIGHT, eventsOf } from '../../../scripts/sample-story/flight-events.ts';
import { readFlights, trafficByOrigin } from '../../../scripts/sample-story/flights.ts';

const flights = await readFlights();

describe('flights', () => {
  test('are the 20,000 of the file, with their dates as UTC', () => {
    expect(flights).toHaveLength(20_000);
    expect(flights[0]).toEqual({
      number: 1,
      departedAt: Date.parse('2001-01-01T00:47:00Z') / 1000,
      distance: 1750,
      delay: 66,
      origin: 'DTW',
      destination: 'LAS',
    });
    expect(flights.at(-1)?.departedAt).toBe(Date.parse('2001-03-31T22:27:00Z') / 1000);
  });

  test('leave 220 airports, the busiest first', () => {
    const traffic = trafficByOrigin(flights);
    expect(traffic).toHaveLength(220);
    expect(traffic.slice(0, 2)).toEqual([
      { airportCode: 'DFW', flights: 1103, miles: 827_223 },
      { airportCode: 'ORD', flights: 1095, miles: 831_177 },
    ]);
    expect(traffic.at(-1)?.flights).toBe(1);
  });

  test('are two events each, one for each metric', () => {
    const [first] = flights;
    const events = first ? eventsOf(first) : [];
    expect(events).toHaveLength(EVENTS_PER_FLIGHT);
    const common = { external_subscription_id: 'DTW-2001', timestamp: 978_310_020 };
    expect(events).toEqual([
      { ...common, code: 'flights', transaction_id: 'flights-00001', properties: { destination: 'LAS', delay: 66 } },
      { ...common, code: 'miles', transaction_id: 'miles-00001', properties: { destination: 'LAS', distance: 1750 } },
    ]);
  });

  test('are sent in batches of a hundred events at most, none lost and none twice', () => {
    const batches = batchesOf(flights);
    expect(batches).toHaveLength(400);
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(100);
    expect(new Set(batches.flat().map((event) => event.transaction_id)).size).toBe(40_000);
  });
});

describe('airports', () => {
  test('are known for every origin', async () => {
    const airports = await readAirports();
    expect(trafficByOrigin(flights).filter(({ airportCode }) => !airports.has(airportCode))).toEqual([]);
    expect(airports.get('ORD')).toEqual({
      code: 'ORD',
      name: "Chicago O'Hare International",
      city: 'Chicago',
      state: 'IL',
    });
  });

  test.each([
    ['ORD,Chicago,IL', ['ORD', 'Chicago', 'IL']],
    ['BTR,"Baton Rouge Metropolitan, Ryan",LA', ['BTR', 'Baton Rouge Metropolitan, Ryan', 'LA']],
    ['DBN,"W. H. ""Bud"" Barron",GA', ['DBN', 'W. H. "Bud" Barron', 'GA']],
    ['a,,b,', ['a', '', 'b', '']],
    [',a', ['', 'a']],
  ])('a line of their file is cut into fields: %s', (line, fields) => {
    expect(csvFields(line)).toEqual(fields);
  });
});
