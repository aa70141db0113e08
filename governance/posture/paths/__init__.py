"""What somebody can become and reach, step by step, and which single edges to cut."""
