"""`python -m aggregator`."""

if __name__ == "__main__":  # a process that is started for a step comes by here too, and needs no command
    from aggregator.cli import main

    main()
