import { z } from 'zod';
import { instant } from '../http/instants.ts';
import { oneOf } from '../http/validation.ts';

export const testClockInput = z
  .object({
    frozen_time: instant().meta({
      override: { type: 'string', format: 'date-time' },
      description:
        'At most 20 years ahead of where the clock stands (`jump`: or of real time, whichever is later); go farther in several steps. Of the years 1000 to 9000.',
    }),
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
      move: z
        .object({
          mode: z.enum(['advance', 'run']),
          target: z.string().meta({ format: 'date-time' }),
          moment: z
            .string()
            .nullable()
            .meta({ format: 'date-time', description: 'The due moment whose work is under way or was done last.' }),
        })
        .nullable()
        .meta({ description: 'The move that is under way; `DELETE /test_clock/advance` ends it after its moment.' }),
    })
    .meta({ id: 'TestClock' }),
});
