import type { CSSOptions, Plugin } from 'vite';

type PostCss = Exclude<CSSOptions['postcss'], string | undefined>;
type StylePlugin = NonNullable<PostCss['plugins']>[number];

const NEVER_WORN = /\.pf-v6-(theme-(felt|glass|high-contrast|redhat)|pficon)/;
const OTHER_SET = /^ {2}rhUiIcon: \{.*\}(?=,?$)/m;

/**
 * Leaves out of PatternFly's styles what the page never wears: the themes besides light and dark, which are half of
 * its tokens; and its fonts, of which the page has one of its own.
 */
export const wornStyles: StylePlugin = {
  postcssPlugin: 'noroam:worn-styles',
  // Before Vite's own plugin looks for files to copy, which it does in its `Once`, too.
  Once(root) {
    if (!root.source?.input.file?.includes('@patternfly')) return;
    root.walkAtRules('font-face', (rule) => void rule.remove());
    root.walkRules(NEVER_WORN, (rule) => {
      const worn = rule.selectors.filter((selector) => !NEVER_WORN.test(selector));
      if (worn.length) rule.selectors = worn;
      else rule.remove();
    });
  },
};

/** Leaves out of PatternFly's icons their second drawing, which belongs to a theme that the page never wears. */
export function wornIcons(): Plugin {
  return {
    name: 'noroam:worn-icons',
    apply: 'build',
    transform: {
      filter: { id: /@patternfly\/react-icons\/dist\/esm\/icons\// },
      handler: (code) => ({ code: code.replace(OTHER_SET, '  rhUiIcon: null'), map: null }),
    },
  };
}
