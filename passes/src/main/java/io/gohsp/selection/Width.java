package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * In how many channels residual streams are written.
 *
 * @param share of the channels that every stream keeps; null if nothing was said
 * @param free whether that is weighed against everything else; then there is no share
 * @param least channels that a stream keeps at least where that is weighed
 * @param stated whether somebody asked for it; otherwise what cannot be done is left alone
 */
public record Width(@Nullable Share share, boolean free, int least, boolean stated) {
  /** As many as there are. */
  public static final Width KEEP = new Width(null, false, 1, true);

  /** Whatever costs the loss least at the same size. */
  public static final Width FREE = new Width(null, true, 1, true);

  /** Likewise, wherever a budget is weighed by losses and the model allows it. */
  public static final Width STANDARD = new Width(null, true, 1, false);

  /**
   * @throws InvalidOption if not even one channel would stay
   */
  public Width {
    if (least < 1) {
      throw new InvalidOption("a stream keeps 1 channel or more, not " + least);
    }
  }

  /** With another least number of channels. */
  public Width atLeast(int channels) {
    return new Width(share, free, channels, stated);
  }

  /**
   * Reads {@code keep}, {@code free} or a share.
   *
   * @throws InvalidOption if it is none of them
   */
  public static Width parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "keep" -> KEEP;
      case "free" -> FREE;
      default -> {
        if (!text.matches("\\s*[0-9].*")) {
          throw new InvalidOption(
              "--width \""
                  + text
                  + "\" is unknown; choose keep, free, a number of channels or a"
                  + " percentage (75%)");
        }
        yield new Width(Share.parse("--width", text), false, 1, true);
      }
    };
  }

  /** Whether streams stay as wide as they are. */
  public boolean keepsAll() {
    return share == null && !free;
  }

  @Override
  public String toString() {
    return free ? "free" : share == null ? "keep" : share.toString();
  }
}
