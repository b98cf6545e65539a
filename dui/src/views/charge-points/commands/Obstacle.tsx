import { useObstacle } from './OperationForm';

/** Says why the buttons below do nothing, where they don't. */
export function Obstacle({ id }: { id: string }) {
  const obstacle = useObstacle(id);
  return obstacle && <p className="console-hint">{obstacle}</p>;
}
