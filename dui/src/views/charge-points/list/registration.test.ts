import { expect, test } from 'vitest';
import { chargePointUrl, gatewayOf, usualGateway } from './registration';

test('a gateway is where it usually is, or where somebody says', () => {
  expect(usualGateway('10.0.0.1', 1)).toBe('ws://10.0.0.1:9000');
  expect(usualGateway('10.0.0.1', 2)).toBe('wss://10.0.0.1:9443');
  expect(gatewayOf(' csms.example.org/ocpp/ ', 1)).toBe('ws://csms.example.org/ocpp');
  expect(gatewayOf('ws://csms.example.org:80', 3)).toBe('wss://csms.example.org:80');
  expect(gatewayOf('', 1)).toBeNull();
  expect(gatewayOf('two words', 1)).toBeNull();
  expect(chargePointUrl('ws://csms.example.org/ocpp', 'A B')).toBe('ws://csms.example.org/ocpp/A%20B');
});
