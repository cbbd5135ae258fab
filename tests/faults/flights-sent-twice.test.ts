/**
 * The soak of `npm run soak -- flights` with so few of the flights that a test may take them: every batch is sent twice
 * and the API killed in the middle; every invoice is compared with the file.
 */
import { expect, test } from '@jest/globals';
import { soakFlights } from '../../soak/flights.ts';

const FLIGHTS = 20_000;

/** Under the load of other test files. */
const LIMIT_MS = 600_000;

test(
  'no flight is lost or doubled, and the invoices are what the file says',
  async () => {
    const told: string[] = [];
    const { events, requests, invoices } = await soakFlights(FLIGHTS, (text) => told.push(text));
    expect({ events, requests }).toEqual({ events: FLIGHTS, requests: 400 });
    expect(invoices).toBeGreaterThan(200);
    expect(told).toContain('the API was killed with -9 and started again');
  },
  LIMIT_MS,
);
