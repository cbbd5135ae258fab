/** What a story remembers so that, when it was killed, the next start goes on with it. */
export interface SampleStoryMemory {
  readonly organizationId: string;
  readonly apiKey: string;
  /** Of the first period of the busiest airport, in the Temporal UI; null: not known yet. */
  readonly workflowUrl: string | null;
  /** The whole story has been told: there is nothing to do any more. */
  readonly finished: boolean;
}

export interface SampleStoryMemoryStore {
  read(): Promise<SampleStoryMemory | undefined>;
  write(memory: SampleStoryMemory): Promise<void>;
}

/** Forgets everything when the process ends. */
export function transientMemory(): SampleStoryMemoryStore {
  let kept: SampleStoryMemory | undefined;
  return {
    read: () => Promise.resolve(kept),
    write: (memory) => {
      kept = memory;
      return Promise.resolve();
    },
  };
}
