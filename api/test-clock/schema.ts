import { z } from 'zod';
import { testClockSchema } from '../../shapes/test-clock/test-clock.ts';
import { instant } from '../http/instants.ts';
import { oneOf } from '../http/validation.ts';

export const testClockInput = z
  .object({
    frozen_time: instant().meta({
      override: { type: 'string', format: 'date-time' },
      description:
        'At most 20 years ahead of where the clock stands (`jump`: or of real time, whichever is later); go ' +
        'farther in several steps. Of the years 1000 to 9000.',
    }),
    mode: oneOf(['jump', 'advance']).meta({
      description: '`jump` moves the clock and runs nothing; `advance` does everything that falls due on the way.',
    }),
  })
  .meta({ id: 'TestClockInput' });

export const testClockAnswer = z.object({ test_clock: testClockSchema });
