import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import type { Problem } from '../../../http/problem';
import type { Role } from '../../../shell/me';
import { lateAnswer, payloadOf } from '../messages/frames';
import type { Message, OperationAnswer, Page } from '../types';
import type { Definitions, Schema } from './schema';

const TIMEOUT_S = 30;
const LATE_EVERY_MS = 3_000;
const LATE_FOR_MS = 300_000;
const LOOKED_AT = 100;
const CLOCK_SKEW_MS = 5_000;

interface OpenApiOperation {
  operationId: string;
  'x-role'?: Role;
  tags?: string[];
  requestBody?: { content: { 'application/json': { schema: Schema; example?: unknown } } };
}

interface OpenApi {
  paths: Record<string, { post?: OpenApiOperation }>;
  components: { schemas: Definitions };
}

/** An operation that charge points can be asked for. */
export interface Operation {
  readonly name: string;
  readonly profile: string;
  readonly role: Role;
  readonly schema: Schema;
  readonly example: unknown;
  readonly definitions: Definitions;
}

/** All operations, as the API's own document tells them. */
export function useOperations() {
  const { data, error, refetch } = useRead<OpenApi>('/openapi.json', {}, { every: 0 });
  return { operations: data && operationsOf(data), error, refetch };
}

export function operationsOf({ paths, components }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([place, { post }]) => {
    const content = post?.requestBody?.content['application/json'];
    if (!post || !content || !place.includes('/operations/')) return [];
    const told = { name: post.operationId, profile: post.tags?.[0] ?? '', role: post['x-role'] ?? 'operator' };
    return [{ ...told, schema: content.schema, example: content.example, definitions: components.schemas }];
  });
}

export interface Given {
  readonly answer: OperationAnswer;
  readonly at: Date;
}

export interface Asking {
  give: (body: unknown) => void;
  isPending: boolean;
  given: Given | null;
  problem: Problem | null;
  /** The response that came after the API waited no more. */
  late: Message | null;
}

/** Ask a charge point for an operation; what it changes is read again once it has answered. */
export function useOperation(chargePointId: string, operation: string): Asking {
  const client = useQueryClient();
  const [given, setGiven] = useState<Given | null>(null);
  const asked = useMutation<OperationAnswer, Problem, unknown>({
    mutationFn: (body) =>
      ask('POST', path`/charge-points/${chargePointId}/operations/${operation}`, { timeout: TIMEOUT_S }, body),
    onMutate: () => setGiven(null),
    onSuccess: (answer) => {
      setGiven({ answer, at: new Date() });
      const own = path`/charge-points/${chargePointId}`;
      void client.invalidateQueries({ predicate: ({ queryKey: [read] }) => String(read).startsWith(own) });
    },
  });
  const late = useLateAnswer(chargePointId, operation, given);
  return { give: asked.mutate, isPending: asked.isPending, given, problem: asked.error, late };
}

function useLateAnswer(chargePointId: string, operation: string, given: Given | null): Message | null {
  const isLate = given?.answer.outcome === 'timeout';
  const isHopeful = isLate && Date.now() - given.at.getTime() < LATE_FOR_MS;
  const { data } = useRead<Page<Message>>(path`/charge-points/${chargePointId}/messages`, { limit: LOOKED_AT }, {
    enabled: isLate,
    every: isHopeful ? LATE_EVERY_MS : 0,
  });
  if (!isLate || !data) return null;
  return lateAnswer(data.items, operation, given.at.getTime() - given.answer.latency_ms - CLOCK_SKEW_MS);
}

/** The payload of a late answer, as a response would be. */
export function responseOf(late: Message): Record<string, unknown> | null {
  const payload = payloadOf(late.answer);
  return typeof payload === 'object' ? (payload as Record<string, unknown> | null) : null;
}
