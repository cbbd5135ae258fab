import { z } from 'zod';
import { instant } from '../instants.ts';
import { oneOf } from '../validation.ts';

export const testClockInput = z
  .object({
    frozen_time: instant().meta({ type: 'string', format: 'date-time' }),
    mode: oneOf(['jump', 'advance']).meta({
      description: '`jump` moves the clock and runs nothing; `advance` does everything that falls due on the way.',
    }),
  })
  .meta({ id: 'TestClockInput' });

export const testClockAnswer = z.object({
  test_clock: z
    .object({
      frozen_time: z.string().meta({ format: 'date-time' }),
      status: z
        .enum(['ready', 'advancing'])
        .meta({ description: '`ready`: nothing started for this organization works any more.' }),
    })
    .meta({ id: 'TestClock' }),
});
