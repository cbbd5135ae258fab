import { z } from 'zod';
import type { PricingUnit } from '../../db/entities/plans/pricing-unit.ts';
import { datetime } from '../formats.ts';

/** Ours: the reference has no route for it (spec, usage 11). */
export const pricingUnitSchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: z.string(),
    code: z.string(),
    short_name: z.string(),
    description: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'PricingUnit' });

export const pricingUnitJson = (unit: PricingUnit): z.infer<typeof pricingUnitSchema> => ({
  lago_id: unit.id,
  name: unit.name,
  code: unit.code,
  short_name: unit.shortName,
  description: unit.description ?? null,
  created_at: datetime(unit.createdAt),
});
