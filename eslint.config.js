import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['**/dist/**', '**/reports/**', '**/.turbo/**', 'runs/**', '**/node_modules/**'] },
  js.configs.recommended,
  ...typescript.configs.strictTypeChecked,
  ...typescript.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-duplicates': 'error',
      'import-x/order': [
        'error',
        {
          alphabetize: { order: 'asc' },
          groups: ['builtin', 'external', ['parent', 'sibling', 'index']],
          'newlines-between': 'never',
        },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.property.name=/^(max|min|hypot|push|unshift|of|fromCharCode|fromCodePoint)$/] > SpreadElement.arguments',
          message:
            'A call takes some 100,000 arguments: use largest or smallest of @motley/run, a loop, or TypedArray.from.',
        },
        {
          selector:
            'CallExpression[callee.property.name="apply"] > MemberExpression.callee[object.property.name=/^(max|min|hypot|push|unshift|of|fromCharCode|fromCodePoint)$/]',
          message: 'A call takes some 100,000 arguments: use a loop.',
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // tfjs hands out backends by interface; which class it is, is known where it is registered.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  { files: ['**/*.js', '**/*.cjs'], ...typescript.configs.disableTypeChecked },
);
