"""Operations and rings → the single AWS calls in their order, and what each leaves behind."""
