import { styleText } from 'node:util';

/** Shows what the story is doing: a line a step, which moves while the step lasts when a person is watching. */
export interface Progress {
  /**
   * @param work is given a way to say how far it has come, and resolves to what the line says in the end, with what it
   * found.
   */
  step<T>(name: string, work: (tell: (soFar: string) => void) => Promise<StepOutcome<T>>): Promise<T>;
}

export interface StepOutcome<T> {
  readonly done: string;
  readonly value: T;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** A terminal on which a line can be written over; undefined: lines are only added. */
  readonly terminal: { readonly columns: number } | undefined;
}

const MOVE_EVERY_MS = 100;

/** Without a terminal a long step says from time to time that it goes on. */
const SAY_EVERY_MS = 10_000;

/** What takes less long needs no time said. */
const SHORT_MS = 1000;

const WHOLE_LINE = '\r\u001B[2K';

export function makeProgress({ write, terminal }: ProgressOptions): Progress {
  const colored = (color: 'cyan' | 'green' | 'red', mark: string) => (terminal ? styleText(color, mark) : mark);
  return {
    async step(name, work) {
      const startedAt = performance.now();
      let soFar = '';
      const line = (mark: string, text: string): string => {
        const passed = performance.now() - startedAt;
        return `${mark} ${text}${passed < SHORT_MS ? '' : ` (${(passed / 1000).toFixed(1)} s)`}`;
      };
      const now = (): string => line('›', soFar === '' ? name : `${name}: ${soFar}`);
      const say = (): void => {
        // A line that wraps could not be written over.
        if (terminal)
          write(
            `${WHOLE_LINE}${now()
              .slice(0, terminal.columns - 1)
              .replace('›', colored('cyan', '›'))}`,
          );
        else write(`${now()}\n`);
      };
      if (terminal) say();
      const timer = setInterval(say, terminal ? MOVE_EVERY_MS : SAY_EVERY_MS);
      const start = terminal ? WHOLE_LINE : '';
      try {
        const { done, value } = await work((text) => (soFar = text));
        write(`${start}${line(colored('green', '✓'), done)}\n`);
        return value;
      } catch (error) {
        if (terminal) write(start);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
