package io.gohsp.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SizeTest {
  private static final Size B = Size.symbol("B");
  private static final Size N = Size.symbol("N");

  private static Size of(long value) {
    return Size.of(value);
  }

  @Test
  void productsAreEqualInAnyOrder() {
    Size size = of(3).times(N).times(B).times(of(4));
    assertThat(size).isEqualTo(B.times(of(12)).times(N)).hasToString("12*B*N");
    assertThat(size.dividedBy(B.times(of(4)))).isEqualTo(N.times(of(3)));
    assertThat(size.dividedBy(of(5))).isNull();
    assertThat(size.dividedBy(Size.symbol("M"))).isNull();
    assertThat(size.dividedBy(Size.ZERO)).isNull();
  }

  @Test
  void sumsCancelAndKeepOneForm() {
    Size more = N.plus(Size.ONE);
    assertThat(more).hasToString("(N+1)").isEqualTo(Size.ONE.plus(N));
    assertThat(more.minus(Size.ONE)).isEqualTo(N);
    assertThat(more.minus(more)).isEqualTo(Size.ZERO);
    assertThat(N.times(of(2)).plus(of(2))).isEqualTo(more.times(of(2))).hasToString("2*(N+1)");
    assertThat(B.times(N).plus(B)).isEqualTo(B.times(more));
    assertThat(B.times(more).dividedBy(more)).isEqualTo(B);
    assertThat(Size.ONE.minus(N)).hasToString("-(N-1)");
  }

  @Test
  void windowsSlideOverSymbols() {
    Size patches = N.minus(of(16)).floorDiv(of(16)).plus(Size.ONE);
    assertThat(patches).isEqualTo(N.floorDiv(of(16))).hasToString("floor(N,16)");
    assertThat(N.times(of(16)).plus(of(3)).floorDiv(of(16))).isEqualTo(N);
    assertThat(N.times(of(2)).plus(of(5)).floorDiv(of(2))).isEqualTo(N.plus(of(2)));
  }

  @Test
  void divisionsThatMustLeaveNothingCancel() {
    Size windows = N.exactlyDividedBy(of(7));
    assertThat(windows).isNotNull().isNotEqualTo(N.floorDiv(of(7)));
    assertThat(windows.times(of(7))).isEqualTo(N);
    assertThat(windows.times(of(14))).isEqualTo(N.times(of(2)));
    assertThat(windows.plus(windows).times(of(7))).isEqualTo(N.times(of(2)));
    assertThat(windows.dividedBy(windows)).isEqualTo(Size.ONE);
    assertThat(B.times(N).exactlyDividedBy(B.times(of(7)))).isEqualTo(windows);
    assertThat(of(12).exactlyDividedBy(of(5))).isNull();
    assertThat(of(12).exactlyDividedBy(of(4))).isEqualTo(of(3));
  }

  @Test
  void aFractionOfNumbersIsAContradiction() {
    Size fraction = N.exactlyDividedBy(of(7)).times(of(2).exactlyDividedBy(N));
    assertThatThrownBy(fraction::value)
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageContaining("2/7 positions");
  }

  /** What three convolutions leave, told by each and told by all at once. */
  @Test
  void roundsDownTwiceAsOnce() {
    Size first = N.minus(of(10)).floorDiv(of(5)).plus(Size.ONE);
    Size second = first.minus(of(3)).floorDiv(of(2)).plus(Size.ONE);
    Size third = second.minus(of(2)).floorDiv(of(2)).plus(Size.ONE);
    assertThat(N.floorDiv(of(10)).minus(of(3)).floorDiv(of(2)).plus(Size.ONE)).isEqualTo(third);
    assertThat(N.floorDiv(of(5)).floorDiv(of(2))).isEqualTo(N.floorDiv(of(10)));
  }

  @Test
  void ordersWhatItCan() {
    assertThat(Size.min(N, N.plus(of(3)))).isEqualTo(N);
    assertThat(Size.max(N, N.plus(of(3)))).isEqualTo(N.plus(of(3)));
    assertThat(Size.min(N, of(512))).isEqualTo(Size.min(of(512), N)).hasToString("min(512,N)");
    assertThat(Size.min(N.floorDiv(of(2)), N)).isEqualTo(N.floorDiv(of(2)));
    assertThat(Size.max(Size.min(N, of(512)), N)).isEqualTo(N);
    assertThat(N.minus(Size.ONE).isNonNegative()).isFalse();
    Size larger = Size.max(N, Size.symbol("M"));
    assertThat(Size.max(N, larger)).isEqualTo(larger);
    assertThat(Size.max(N.times(of(3)), larger.times(of(3)))).isEqualTo(larger.times(of(3)));
    assertThat(Size.min(N.times(of(6)), Size.symbol("M").times(of(4))))
        .hasToString("2*min(2*M,3*N)");
  }

  @Test
  void refusesToOverflow() {
    assertThatThrownBy(() -> of(Long.MAX_VALUE).plus(Size.ONE))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> of(Long.MAX_VALUE).times(N).times(of(2)))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(N::value).isInstanceOf(IllegalStateException.class);
  }

  /** Expressions over B, N and M with up to five operations. */
  @Provide
  Arbitrary<Size> sizes() {
    Arbitrary<Size> leaf =
        Arbitraries.oneOf(
            Arbitraries.integers().between(-4, 12).map(Size::of),
            Arbitraries.of("B", "N", "M").map(Size::symbol));
    return Arbitraries.lazyOf(
        () -> leaf,
        () -> leaf,
        () ->
            Combinators.combine(sizes(), sizes(), Arbitraries.of("+", "-", "*", "<", ">"))
                .as(
                    (a, b, operation) ->
                        switch (operation) {
                          case "+" -> a.plus(b);
                          case "-" -> a.minus(b);
                          case "*" -> a.times(b);
                          case "<" -> Size.min(a, b);
                          default -> Size.max(a, b);
                        }));
  }

  private static long at(Size size, long b, long n, long m) {
    return size.evaluate(Map.of("B", b, "N", n, "M", m)).orElseThrow();
  }

  @Property(tries = 500)
  void computesWhatNumbersDo(
      @ForAll("sizes") Size x,
      @ForAll("sizes") Size y,
      @ForAll @IntRange(max = 9) int b,
      @ForAll @IntRange(max = 9) int n,
      @ForAll @IntRange(max = 9) int m) {
    long u = at(x, b, n, m);
    long v = at(y, b, n, m);
    Assume.that(Math.abs((double) u) < 1e9 && Math.abs((double) v) < 1e9);
    assertThat(at(x.plus(y), b, n, m)).isEqualTo(u + v);
    assertThat(at(x.minus(y), b, n, m)).isEqualTo(u - v);
    assertThat(at(x.times(y), b, n, m)).isEqualTo(u * v);
    assertThat(at(Size.min(x, y), b, n, m)).isEqualTo(Math.min(u, v));
    assertThat(at(Size.max(x, y), b, n, m)).isEqualTo(Math.max(u, v));
    assertThat(at(x.floorDiv(of(3)), b, n, m)).isEqualTo(Math.floorDiv(u, 3));
    assertThat(at(x.ceilDiv(4), b, n, m)).isEqualTo(-Math.floorDiv(-u, 4));
    assertThat(at(x.mod(of(3)), b, n, m)).isEqualTo(Math.floorMod(u, 3));
    assertThat(!x.isNonNegative() || u >= 0).isTrue();
    assertThat(!x.isAtMost(y) || u <= v).isTrue();
    if (v != 0) {
      assertThat(at(x.floorDiv(y), b, n, m)).isEqualTo(Math.floorDiv(u, v));
      Size quotient = x.dividedBy(y);
      assertThat(quotient == null || at(quotient, b, n, m) * v == u).isTrue();
      Size back = x.times(y).dividedBy(y);
      assertThat(back == null || at(back, b, n, m) == u).isTrue();
    }
  }

  @Property(tries = 500)
  void additionHasOneForm(
      @ForAll("sizes") Size x, @ForAll("sizes") Size y, @ForAll("sizes") Size z) {
    assertThat(x.plus(y)).isEqualTo(y.plus(x)).hasSameHashCodeAs(y.plus(x));
    assertThat(x.plus(y).plus(z)).isEqualTo(x.plus(y.plus(z)));
    assertThat(x.minus(x)).isEqualTo(Size.ZERO);
    assertThat(x.times(y)).isEqualTo(y.times(x));
    assertThat(x.plus(y).minus(y)).isEqualTo(Size.ZERO.plus(x).plus(y).minus(y));
  }

  @Property
  void dividingByWhatItWasMultipliedWith(
      @ForAll @IntRange(min = 1, max = 50) int a, @ForAll @IntRange(min = 1, max = 50) int c) {
    List<Size> parts = List.of(B.times(of(a)), B.times(N), of(a));
    for (Size part : parts) {
      assertThat(part.times(of(c)).dividedBy(of(c))).isEqualTo(part);
      assertThat(part.times(N).dividedBy(N)).isEqualTo(part);
      Size fraction = part.exactlyDividedBy(N.times(of(c)));
      assertThat(fraction).isNotNull();
      assertThat(fraction.times(N).times(of(c))).isEqualTo(part);
    }
  }
}
