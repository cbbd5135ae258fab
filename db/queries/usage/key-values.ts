/** Of a longer value its hash is kept: values are in the key of a rollup, whose length PostgreSQL limits. */
const VALUE_LENGTH_MAX = 255;

/** SQL: a value as it is kept. A hash is shorter than a value may be, so what is kept is kept as it is. */
const kept = (value: string): string =>
  `case when length(${value}) > ${VALUE_LENGTH_MAX}
        then 'sha256:' || encode(sha256(convert_to(${value}, 'UTF8')), 'hex') else ${value} end`;

/**
 * SQL for the values that an object holds for some names, as texts: `{"region": "eu", "class": null}`. Of a text of
 * more than 255 characters it is `sha256:` and its hash (spec, usage 4.4). The same rule for events as they arrive, as
 * they are rolled up again, as they are read and as they are audited. Without names it costs next to nothing.
 *
 * @param names SQL for a jsonb array of property names, each once.
 * @param values SQL for a jsonb object: the properties of an event, or the keys of a rollup.
 */
export const keyValues = (names: string, values: string): string =>
  valuesBy(names, kept(`(${values} ->> wanted.name)`));

/** The same, where an empty text is none: by these values usage is grouped (spec, usage 4.4). */
export const groupValues = (names: string, values: string): string =>
  valuesBy(names, kept(`nullif(${values} ->> wanted.name, '')`));

const valuesBy = (names: string, value: string): string =>
  `case ${names} when '[]'::jsonb then '{}'::jsonb
   else (select jsonb_object_agg(wanted.name, ${value}) from jsonb_array_elements_text(${names}) as wanted (name)) end`;

/**
 * SQL for `takes` of `billing/usage/bucket-condition.ts`: whether an object's values meet a condition.
 *
 * @param condition SQL for a jsonb object, a `BucketCondition`.
 * @param values SQL for a jsonb object: the properties of an event, or the keys of a rollup.
 */
export const meets = (condition: string, values: string): string =>
  `(${matches(`${condition} -> 'match'`, values)} and not exists (
     select from jsonb_array_elements(${condition} -> 'except') as other (lists)
     where ${matches('other.lists', values)}))`;

const matches = (lists: string, values: string): string =>
  `not exists (select from jsonb_each(${lists}) as asked (name, list)
     where (asked.list ? (${values} ->> asked.name)) is not true)`;
