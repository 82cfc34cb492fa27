"""Worker lists in layouts of other people's making, with their truth: how well does ``ocr.worker_list.reading`` read them?"""
