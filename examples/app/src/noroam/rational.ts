/** An exact fraction; `den` is positive, and both are without a common divisor. */
export class Rational {
  static readonly ZERO = new Rational(0n);
  readonly num: bigint;
  readonly den: bigint;

  constructor(num: bigint, den = 1n) {
    if (den === 0n) throw new RangeError('a fraction over zero');
    const divisor = commonDivisor(num, den) * (den < 0n ? -1n : 1n);
    this.num = num / divisor;
    this.den = den / divisor;
  }

  /** Reads `"12"`, `"0.4"` or `"3601/3"`. */
  static parse(text: string): Rational {
    const found = /^([0-9]{1,1000})(?:\.([0-9]{1,1000})|\/([1-9][0-9]{0,1000}))?$/.exec(text);
    if (!found) throw new RangeError(`not a number: ${text.slice(0, 40)}`);
    const [, whole = '', decimals = '', divisor = '1'] = found;
    return new Rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length) * BigInt(divisor));
  }

  plus(other: Rational): Rational {
    return new Rational(this.num * other.den + other.num * this.den, this.den * other.den);
  }

  minus(other: Rational): Rational {
    return new Rational(this.num * other.den - other.num * this.den, this.den * other.den);
  }

  times(other: Rational): Rational {
    return new Rational(this.num * other.num, this.den * other.den);
  }

  /** Below zero where this is less than the other, above where it is more. */
  compare(other: Rational): number {
    const difference = this.num * other.den - other.num * this.den;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  /** Rounded down. */
  floor(): bigint {
    const whole = this.num / this.den;
    return this.num < 0n && whole * this.den !== this.num ? whole - 1n : whole;
  }
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (right) [left, right] = [right, left % right];
  return left;
}
